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
