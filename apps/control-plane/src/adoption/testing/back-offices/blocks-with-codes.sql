-- The shape of a shop of the Magento family: blocks with placeholders, a side table of stores, settings with a scope of two columns.
CREATE TABLE store (store_id smallint unsigned NOT NULL AUTO_INCREMENT, code varchar(32) NOT NULL, name varchar(255) NOT NULL, is_active smallint NOT NULL, PRIMARY KEY (store_id));
INSERT INTO store VALUES (1, 'default', 'Main', 1), (2, 'de', 'German', 1);
CREATE TABLE cms_block (
  block_id int NOT NULL AUTO_INCREMENT, title varchar(255) NOT NULL, identifier varchar(255) NOT NULL, content mediumtext, creation_time timestamp NOT NULL DEFAULT current_timestamp(),
  update_time timestamp NOT NULL DEFAULT current_timestamp(), is_active smallint NOT NULL DEFAULT 1, PRIMARY KEY (block_id));
INSERT INTO cms_block (block_id, title, identifier, content, is_active) VALUES
  (1, 'Welcome', 'welcome', '<p>Hello {{customVar code=name}}</p><p><a href="{{store url="sale"}}">Sale</a> now</p>{{widget type="Products" title="{{trans}}"}}', 1),
  (2, 'Winter', 'winter', '<p>Warm</p>', 0), (3, 'Willkommen', 'welcome', '<p>Hallo</p>', 1);
CREATE TABLE cms_block_store (block_id int NOT NULL, store_id smallint unsigned NOT NULL, PRIMARY KEY (block_id, store_id),
  CONSTRAINT of_block FOREIGN KEY (block_id) REFERENCES cms_block (block_id), CONSTRAINT of_store FOREIGN KEY (store_id) REFERENCES store (store_id));
SET foreign_key_checks = 0;
INSERT INTO cms_block_store VALUES (1, 0), (1, 1), (2, 1), (3, 2);
SET foreign_key_checks = 1;
CREATE TABLE core_config_data (config_id int unsigned NOT NULL AUTO_INCREMENT, scope varchar(8) NOT NULL, scope_id int NOT NULL, path varchar(255) NOT NULL, value text, PRIMARY KEY (config_id), UNIQUE KEY of_path (scope, scope_id, path));
INSERT INTO core_config_data (scope, scope_id, path, value) VALUES ('default', 0, 'design/head/title', 'Shop'), ('stores', 1, 'design/head/title', 'Main'), ('stores', 2, 'design/head/title', 'Deutsch'), ('default', 0, 'payment/x/merchant_key', 'never-adopt-me');
