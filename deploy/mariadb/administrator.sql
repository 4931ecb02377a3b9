-- Run at each start: lets the account paddock make the users of the processes, and give them their rights in its database.
-- At the very first start the account does not exist yet; docker-entrypoint-initdb.d runs this again after making it.
SET @known = (SELECT COUNT(*) FROM mysql.global_priv WHERE User = 'paddock' AND Host = '%');
SET @statement = IF(@known, "GRANT CREATE USER ON *.* TO 'paddock'@'%'", 'DO 0');
EXECUTE IMMEDIATE @statement;
SET @statement = IF(@known, "GRANT ALL PRIVILEGES ON `paddock`.* TO 'paddock'@'%' WITH GRANT OPTION", 'DO 0');
EXECUTE IMMEDIATE @statement;
