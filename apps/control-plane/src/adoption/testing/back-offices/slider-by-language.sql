-- The shape of a shop of the OpenCart family: groups of banners with a status, pictures per language, settings of several stores.
CREATE TABLE oc_language (language_id int NOT NULL AUTO_INCREMENT, name varchar(32) NOT NULL, code varchar(5) NOT NULL, status tinyint(1) NOT NULL, PRIMARY KEY (language_id)) ENGINE=MyISAM;
INSERT INTO oc_language VALUES (1, 'English', 'en-gb', 1), (2, 'Deutsch', 'de-de', 1);
CREATE TABLE oc_banner (banner_id int NOT NULL AUTO_INCREMENT, name varchar(64) NOT NULL, status tinyint(1) NOT NULL, PRIMARY KEY (banner_id)) ENGINE=MyISAM;
INSERT INTO oc_banner VALUES (6, 'Home Slideshow', 1), (7, 'Brands', 0), (8, 'Side Column', 1);
CREATE TABLE oc_banner_image (
  banner_image_id int NOT NULL AUTO_INCREMENT, banner_id int NOT NULL, language_id int NOT NULL, title varchar(64) NOT NULL, link varchar(255) NOT NULL,
  image varchar(255) NOT NULL, sort_order int NOT NULL DEFAULT 0, PRIMARY KEY (banner_image_id)) ENGINE=MyISAM;
INSERT INTO oc_banner_image VALUES
  (1, 6, 1, 'Boots', 'index.php?route=a&amp;id=1', 'catalog/boots.jpg', 1), (2, 6, 2, 'Stiefel', 'index.php?route=a&amp;id=1', 'catalog/boots.jpg', 1),
  (3, 6, 1, 'Coats', '/coats', 'catalog/coats.jpg', 2), (4, 7, 1, 'Hidden brand', '/brand', 'catalog/brand.jpg', 1), (5, 8, 1, 'Voucher', '/voucher', 'catalog/voucher.jpg', 1),
  (6, 8, 2, 'Gutschein', '/voucher', 'catalog/voucher.jpg', 1);
CREATE TABLE oc_setting (setting_id int NOT NULL AUTO_INCREMENT, store_id int NOT NULL DEFAULT 0, code varchar(128) NOT NULL, `key` varchar(128) NOT NULL, value text NOT NULL, serialized tinyint(1) NOT NULL, PRIMARY KEY (setting_id)) ENGINE=MyISAM;
INSERT INTO oc_setting (store_id, code, `key`, value, serialized) VALUES (0, 'config', 'config_name', 'Shop', 0), (1, 'config', 'config_name', 'Outlet', 0),
  (0, 'config', 'config_mail_smtp_password', 'never-adopt-me', 0), (0, 'config', 'config_feed', '{"url":"https://x.example","password":"never-adopt-me"}', 1);
