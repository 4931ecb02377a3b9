-- The shape of a site of the Joomla family: states from -2 to 2, a language for all, parameters as JSON, levels of access, modules of the back office.
CREATE TABLE jos_categories (id int NOT NULL AUTO_INCREMENT, title varchar(255) NOT NULL, extension varchar(50) NOT NULL, published tinyint NOT NULL DEFAULT 0, access int unsigned NOT NULL DEFAULT 0, language char(7) NOT NULL, PRIMARY KEY (id));
INSERT INTO jos_categories VALUES (5, 'Top banners', 'com_banners', 1, 1, '*'), (6, 'Retired', 'com_banners', 0, 1, '*');
CREATE TABLE jos_viewlevels (id int unsigned NOT NULL AUTO_INCREMENT, title varchar(100) NOT NULL, ordering int NOT NULL DEFAULT 0, rules varchar(5120) NOT NULL, PRIMARY KEY (id));
INSERT INTO jos_viewlevels VALUES (1, 'Public', 0, '[1]'), (2, 'Registered', 2, '[6,2,8]'), (3, 'Special', 3, '[6,3,8]');
CREATE TABLE jos_banners (
  id int NOT NULL AUTO_INCREMENT, cid int NOT NULL DEFAULT 0, type int NOT NULL DEFAULT 0, name varchar(255) NOT NULL DEFAULT '', alias varchar(400) NOT NULL DEFAULT '', clickurl varchar(200) NOT NULL DEFAULT '', state tinyint NOT NULL DEFAULT 0,
  catid int unsigned NOT NULL DEFAULT 0, description text NOT NULL, sticky tinyint unsigned NOT NULL DEFAULT 0, ordering int NOT NULL DEFAULT 0, params text NOT NULL, publish_up datetime DEFAULT NULL, publish_down datetime DEFAULT NULL, created datetime NOT NULL,
  language char(7) NOT NULL DEFAULT '', PRIMARY KEY (id));
INSERT INTO jos_banners VALUES
  (1, 0, 0, 'Derby', 'derby', '/derby', 1, 5, '', 0, 1, '{"imageurl":"images/banners/derby.png","width":"","alt":"Derby day"}', NULL, NULL, '2026-01-01', '*'),
  (2, 0, 0, 'Off', 'off', '/off', 0, 5, '', 0, 2, '{"imageurl":"images/banners/off.png","alt":""}', NULL, NULL, '2026-01-01', '*'),
  (3, 0, 0, 'Archived', 'arch', '/arch', 2, 5, '', 0, 3, '{"imageurl":"images/banners/arch.png","alt":""}', NULL, NULL, '2026-01-01', '*'),
  (4, 0, 0, 'Binned', 'bin', '/bin', -2, 5, '', 0, 4, '{"imageurl":"images/banners/bin.png","alt":""}', NULL, NULL, '2026-01-01', '*'),
  (5, 0, 0, 'In a retired group', 'ret', '/ret', 1, 6, '', 0, 5, '{"imageurl":"images/banners/ret.png","alt":""}', NULL, NULL, '2026-01-01', '*'),
  (6, 0, 0, 'Deutsch', 'de', '/de', 1, 5, '', 0, 6, '{"imageurl":"images/banners/de.png","alt":""}', NULL, NULL, '2026-01-01', 'de-DE'),
  (7, 0, 0, 'English', 'en', '/en', 1, 5, '', 0, 7, '{"imageurl":"images/banners/en.png","alt":""}', NULL, '2020-01-01 00:00:00', '2026-01-01', 'en-GB'),
  (8, 0, 0, 'English now', 'en2', '/en2', 1, 5, '', 0, 8, '{"imageurl":"images/banners/en2.png","alt":""}', '2020-01-01 00:00:00', NULL, '2026-01-01', 'en-GB');
CREATE TABLE jos_modules (
  id int NOT NULL AUTO_INCREMENT, title varchar(100) NOT NULL, content text, ordering int NOT NULL DEFAULT 0, position varchar(50) NOT NULL DEFAULT '', published tinyint NOT NULL DEFAULT 0, module varchar(50) DEFAULT NULL, access int unsigned NOT NULL DEFAULT 0,
  showtitle tinyint unsigned NOT NULL DEFAULT 1, params text NOT NULL, client_id tinyint NOT NULL DEFAULT 0, language char(7) NOT NULL, PRIMARY KEY (id));
INSERT INTO jos_modules VALUES
  (1, 'News', '<p>News {loadposition x}</p>', 1, 'sidebar', 1, 'mod_custom', 1, 1, '{"prepare":"1"}', 0, '*'), (2, 'Members', '<p>Members</p>', 2, 'sidebar', 1, 'mod_custom', 2, 1, '{}', 0, '*'),
  (3, 'Admin status', '<p>Status</p>', 1, 'status', 1, 'mod_status', 3, 1, '{}', 1, '*'), (4, 'Foot', '<p>Foot</p>', 1, 'footer', 1, 'mod_custom', 1, 1, '{}', 0, '*');
