-- Tables as other back offices have them: the shapes of OpenCart, PrestaShop, Magento, WordPress and of one grown at home
-- (cp1251, names with spaces and reserved words, a key of UUIDs, BIT, YEAR, TIME, generated columns, a view, a trigger).
-- Made up for tests; no rows of anybody.

SET NAMES utf8mb4;
SET SESSION sql_mode = '';

CREATE TABLE oc_banner (
  banner_id int(11) NOT NULL AUTO_INCREMENT,
  name varchar(64) NOT NULL,
  status tinyint(1) NOT NULL,
  PRIMARY KEY (banner_id)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3;
INSERT INTO oc_banner VALUES (6, 'Home Page Slideshow', 1), (7, 'Manufacturers', 0);

CREATE TABLE oc_banner_image (
  banner_image_id int(11) NOT NULL AUTO_INCREMENT,
  banner_id int(11) NOT NULL,
  language_id int(11) NOT NULL,
  title varchar(64) NOT NULL,
  link varchar(255) NOT NULL,
  image varchar(255) NOT NULL,
  sort_order int(3) NOT NULL DEFAULT 0,
  PRIMARY KEY (banner_image_id)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3;
INSERT INTO oc_banner_image VALUES
  (99, 7, 1, 'iPhone 6', 'index.php?route=product/product&amp;path=57&amp;product_id=49', 'catalog/demo/banners/iPhone6.jpg', 1),
  (100, 6, 1, 'MacBookAir', '', 'catalog/demo/banners/MacBook Air.jpg', 2);

CREATE TABLE ps_homeslider_slides (
  id_homeslider_slides int(10) unsigned NOT NULL AUTO_INCREMENT,
  position int(10) unsigned NOT NULL DEFAULT 0,
  active tinyint(1) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (id_homeslider_slides)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE ps_homeslider_slides_lang (
  id_homeslider_slides int(10) unsigned NOT NULL,
  id_lang int(10) unsigned NOT NULL,
  title varchar(255) NOT NULL,
  description text NOT NULL,
  legend varchar(255) NOT NULL,
  url varchar(255) NOT NULL,
  image varchar(255) NOT NULL,
  PRIMARY KEY (id_homeslider_slides, id_lang)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO ps_homeslider_slides VALUES (1, 1, 1), (2, 2, 0);
INSERT INTO ps_homeslider_slides_lang VALUES
  (1, 1, 'Sample 1', '<h3>EXCEPTEUR OCCAECAT</h3>\n<p>Lorem ipsum.</p>', 'sample-1', 'https://www.example.com/?utm=a', 'sample-1.jpg'),
  (1, 2, 'Exemple 1', '<p>Bonjour</p>', 'exemple-1', 'https://www.example.com/fr', 'sample-1.jpg'),
  (2, 1, 'Sample 2', '<p>Second</p>', 'sample-2', '/second', 'sample-2.jpg');

CREATE TABLE cms_block (
  block_id smallint(6) NOT NULL AUTO_INCREMENT,
  title varchar(255) NOT NULL,
  identifier varchar(255) NOT NULL,
  content mediumtext,
  creation_time timestamp NOT NULL DEFAULT current_timestamp(),
  update_time timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  is_active smallint(6) NOT NULL DEFAULT 1,
  PRIMARY KEY (block_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;
INSERT INTO cms_block (block_id, title, identifier, content, is_active) VALUES
  (1, 'Footer Links Block', 'footer_links_block', '<ul><li><a href="/about-us/">About us</a></li></ul><script>window.a=1</script>', 1),
  (2, 'Sale', 'sale_block', '<p style="color:red" onclick="x()">Up to 50% off</p>', 0);

CREATE TABLE wp_posts (
  ID bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  post_author bigint(20) unsigned NOT NULL DEFAULT 0,
  post_date datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  post_content longtext NOT NULL,
  post_title text NOT NULL,
  post_excerpt text NOT NULL,
  post_status varchar(20) NOT NULL DEFAULT 'publish',
  post_name varchar(200) NOT NULL DEFAULT '',
  guid varchar(255) NOT NULL DEFAULT '',
  menu_order int(11) NOT NULL DEFAULT 0,
  post_type varchar(20) NOT NULL DEFAULT 'post',
  PRIMARY KEY (ID)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO wp_posts VALUES
  (1, 1, '2026-01-02 10:00:00', '<!-- wp:paragraph --><p>Welcome &amp; enjoy 🎉</p><!-- /wp:paragraph -->', 'Hello world!', '', 'publish', 'hello-world', 'http://example.com/?p=1', 0, 'post'),
  (2, 1, '2026-01-03 10:00:00', '<p>Sample</p>', 'Sample page', '', 'draft', 'sample-page', 'http://example.com/?p=2', 0, 'page'),
  (18446744073709551615, 1, '0000-00-00 00:00:00', '', 'Revision', '', 'inherit', '1-revision-v1', 'http://example.com/?p=3', 0, 'revision');

CREATE TABLE wp_options (
  option_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  option_name varchar(191) NOT NULL DEFAULT '',
  option_value longtext NOT NULL,
  autoload varchar(20) NOT NULL DEFAULT 'yes',
  PRIMARY KEY (option_id),
  UNIQUE KEY option_name (option_name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO wp_options (option_name, option_value) VALUES ('blogname', 'Marlow'), ('mailserver_pass', 'never-adopt-me'), ('auth_salt', 'never-adopt-me'), ('sidebars_widgets', 'a:1:{s:9:"sidebar-1";a:0:{}}');

CREATE TABLE `рекламные баннеры` (
  `код` char(4) CHARACTER SET cp1251 COLLATE cp1251_bin NOT NULL,
  `заголовок` varchar(100) CHARACTER SET cp1251 NOT NULL,
  PRIMARY KEY (`код`)
) ENGINE=InnoDB;
INSERT INTO `рекламные баннеры` VALUES ('ab', 'Скидки сегодня'), ('AB', 'Другой баннер'), ('Ж', 'Кэшбэк 10%');

CREATE TABLE `home page.banners` (
  `order` uuid NOT NULL,
  `select` varchar(80) CHARACTER SET utf8mb3 NOT NULL,
  `is it on?` bit(1) NOT NULL DEFAULT b'1',
  `from` date DEFAULT NULL,
  `until` timestamp NULL DEFAULT NULL,
  `link``to` varchar(200) CHARACTER SET ucs2 DEFAULT NULL,
  `price` decimal(10,2) NOT NULL DEFAULT 0,
  `since` year DEFAULT NULL,
  `kick-off` time DEFAULT NULL,
  `days` set('sat','sun','mon') NOT NULL DEFAULT '',
  `sport` enum('football','"racing"','it''s') NOT NULL DEFAULT 'football',
  `extra` json DEFAULT NULL,
  `note` blob DEFAULT NULL,
  `upper` varchar(80) GENERATED ALWAYS AS (ucase(`select`)) VIRTUAL,
  `changed` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (`order`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `home page.banners` (`order`, `select`, `is it on?`, `from`, `until`, `link``to`, price, since, `kick-off`, days, sport, extra, note) VALUES
  ('0193f0aa-0000-7000-8000-000000000001', 'Derby', b'1', '2026-03-01', '2026-07-01 11:00:00', '/derby', 12.50, 2026, '15:00:00', 'sat,sun', 'football', '{"a": [1, 2]}', 'Заметка'),
  ('0193f0aa-0000-7000-8000-000000000002', 'Grand National', b'0', '0000-00-00', NULL, NULL, 0.10, NULL, NULL, '', '"racing"', NULL, NULL);
CREATE TABLE `trigger log` (at timestamp(6) NOT NULL DEFAULT current_timestamp(6), what varchar(80)) ENGINE=InnoDB;
CREATE TRIGGER `on banner` AFTER UPDATE ON `home page.banners` FOR EACH ROW INSERT INTO `trigger log` (what) VALUES (NEW.`select`);

CREATE TABLE keyless_offers (title varchar(80) NOT NULL, url varchar(200) NOT NULL, image varchar(200) NOT NULL, starts datetime NOT NULL, active char(1) NOT NULL) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3;
INSERT INTO keyless_offers VALUES ('One', '/one', 'one.png', '2026-01-01 00:00:00', 'Y'), ('Two', '/two', 'two.png', '2026-01-01 00:00:00', 'N'), ('One', '/one-again', 'one.png', '2026-01-01 00:00:00', 'Y');

CREATE VIEW live_offers AS SELECT url AS id, title, url, image FROM keyless_offers WHERE active = 'Y';

-- As frameworks make them: texts with an id and a key of their own, soft deletes, states as varchar(191), seconds since 1970.
CREATE TABLE app_banners (
  id bigint unsigned NOT NULL AUTO_INCREMENT,
  link varchar(255) DEFAULT NULL,
  display_order int NOT NULL DEFAULT 0,
  valid_until datetime DEFAULT NULL,
  is_active tinyint(1) NOT NULL DEFAULT 1,
  deleted_at timestamp NULL DEFAULT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE app_banner_translations (
  id bigint unsigned NOT NULL AUTO_INCREMENT,
  banner_id bigint unsigned NOT NULL,
  locale varchar(10) NOT NULL,
  title varchar(255) NOT NULL,
  image varchar(255) DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY of_banner (banner_id, locale),
  CONSTRAINT text_of_banner FOREIGN KEY (banner_id) REFERENCES app_banners (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO app_banners VALUES (1, '/first', 1, '2030-01-01 00:00:00', 1, NULL), (2, '/second', 2, NULL, 0, NULL), (3, '/gone', 3, NULL, 1, '2024-01-01 00:00:00');
INSERT INTO app_banner_translations VALUES (1, 2, 'en', 'Second', '2.jpg'), (2, 3, 'en', 'Gone', '3.jpg'), (3, 1, 'en', 'First', '1.jpg'), (4, 1, 'ar', 'الأول', '1.jpg');

CREATE TABLE blog_ads (
  id int NOT NULL AUTO_INCREMENT,
  name varchar(191) NOT NULL,
  clickurl varchar(191) DEFAULT NULL,
  picture text DEFAULT NULL,
  start_at int NOT NULL,
  end_at int NOT NULL DEFAULT 0,
  status varchar(191) NOT NULL DEFAULT 'published',
  deleted tinyint(1) DEFAULT NULL,
  placement varchar(191) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO blog_ads VALUES (1, 'Fresh', '/products', 'promotion/1.png', 1523052000, 0, 'published', NULL, 'top'), (2, 'Not yet', '/more', 'promotion/2.png', 1523052000, 1526767200, 'draft', 0, 'top'), (3, 'Gone', '/gone', 'promotion/3.png', 1523052000, 0, 'published', 1, 'nowhere');

CREATE TABLE promotions (
  id int NOT NULL AUTO_INCREMENT,
  name varchar(255) NOT NULL,
  status enum('Active','Inactive') NOT NULL,
  image_path varchar(255) DEFAULT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO promotions VALUES (1, 'Summer', 'Active', 'summer.png');

CREATE TABLE anuncios (
  id_anuncio int NOT NULL AUTO_INCREMENT,
  `título` varchar(255) NOT NULL,
  imagen varchar(255) DEFAULT NULL,
  enlace varchar(255) DEFAULT NULL,
  orden int DEFAULT NULL,
  estado enum('activo','inactivo') NOT NULL,
  fecha_inicio datetime DEFAULT NULL,
  fecha_fin date DEFAULT NULL,
  PRIMARY KEY (id_anuncio)
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO anuncios VALUES (1, 'Rebajas de otoño', 'otono.jpg', '/rebajas', 1, 'activo', '2025-10-01', '2025-11-01'), (2, 'Niños', 'ninos.jpg', '/ninos', 2, 'inactivo', NULL, '0000-00-00');

CREATE TABLE werbung (
  nr int NOT NULL AUTO_INCREMENT,
  titel varchar(255) NOT NULL,
  bild varchar(255) DEFAULT NULL,
  link varchar(255) DEFAULT NULL,
  reihenfolge int DEFAULT NULL,
  aktiv enum('J','N') NOT NULL,
  gueltig_bis date DEFAULT NULL,
  PRIMARY KEY (nr)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;
INSERT INTO werbung VALUES (1, 'Herbst', 'h.jpg', '/herbst', 1, 'J', '2025-11-01'), (2, 'Winter', 'w.jpg', '/winter', 2, 'N', NULL);

-- Settings of two shops under one name, more of them than are mapped value by value, with a secret among them.
CREATE TABLE shop_setting (
  setting_id int NOT NULL AUTO_INCREMENT,
  store_id int NOT NULL DEFAULT 0,
  code varchar(128) NOT NULL,
  `key` varchar(128) NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (setting_id)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3;
INSERT INTO shop_setting (store_id, code, `key`, value) SELECT 0, 'config', CONCAT('config_', seq), 'x' FROM seq_1_to_80;
INSERT INTO shop_setting (store_id, code, `key`, value) VALUES (0, 'config', 'config_encryption', 'never-adopt-me'), (1, 'config', 'config_1', 'of the second');

CREATE TABLE shop_layout_module (
  layout_module_id int NOT NULL AUTO_INCREMENT,
  layout_id int NOT NULL,
  code varchar(64) NOT NULL,
  position varchar(14) NOT NULL,
  sort_order int NOT NULL,
  PRIMARY KEY (layout_module_id)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb3;
INSERT INTO shop_layout_module VALUES (1, 1, 'slideshow', 'content_top', 1), (2, 1, 'featured', 'content_top', 2), (3, 6, 'account', 'column_right', 1);

-- What looks like something else: types of values beside settings, states of a country, a counter of views.
CREATE TABLE site_options (
  id int NOT NULL AUTO_INCREMENT,
  type varchar(20) NOT NULL,
  name varchar(100) NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY of_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO site_options VALUES (1, 'string', 'headline', 'Hello'), (2, 'bool', 'show_search', '1'), (3, 'string', 'footer', 'Bye');

CREATE TABLE scoped_settings (
  id int NOT NULL AUTO_INCREMENT,
  scope varchar(8) NOT NULL,
  scope_id int NOT NULL,
  path varchar(255) NOT NULL,
  value text DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY of_path (scope, scope_id, path)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO scoped_settings VALUES (1, 'default', 0, 'design/title', 'All'), (2, 'stores', 1, 'design/title', 'First'), (3, 'stores', 2, 'design/title', 'Second');

CREATE TABLE offices (
  id int NOT NULL AUTO_INCREMENT,
  name varchar(255) NOT NULL,
  photo varchar(255) NOT NULL,
  url varchar(255) NOT NULL,
  state varchar(255) NOT NULL,
  deleted_at int NOT NULL DEFAULT 0,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO offices VALUES (1, 'North', 'n.jpg', '/north', 'A', 0), (2, 'South', 's.jpg', '/south', 'TX', 0);

CREATE TABLE sidebar_widgets (
  id int NOT NULL AUTO_INCREMENT,
  zone varchar(30) NOT NULL,
  widget varchar(60) NOT NULL,
  sort_order int NOT NULL,
  is_shown enum('Y','N') NOT NULL,
  view_count int NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO sidebar_widgets VALUES (1, 'left', 'search', 1, 'Y', 5), (2, 'left', 'news', 2, 'Y', 9);
