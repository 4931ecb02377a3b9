-- The shape of a shop of the PrestaShop family: slides, their texts per language, which shops show them, settings with two nullable scopes.
CREATE TABLE ps_lang (id_lang int unsigned NOT NULL AUTO_INCREMENT, name varchar(32) NOT NULL, active tinyint unsigned NOT NULL, iso_code varchar(2) NOT NULL, language_code varchar(5) NOT NULL, PRIMARY KEY (id_lang));
INSERT INTO ps_lang VALUES (1, 'English', 1, 'en', 'en-us'), (2, 'Français', 1, 'fr', 'fr-fr');
CREATE TABLE ps_shop (id_shop int unsigned NOT NULL AUTO_INCREMENT, id_shop_group int unsigned NOT NULL, name varchar(64) NOT NULL, active tinyint NOT NULL, PRIMARY KEY (id_shop));
INSERT INTO ps_shop VALUES (1, 1, 'Main', 1), (2, 1, 'Outlet', 1);
CREATE TABLE ps_homeslider (id_homeslider_slides int unsigned NOT NULL, id_shop int unsigned NOT NULL, PRIMARY KEY (id_homeslider_slides, id_shop));
INSERT INTO ps_homeslider VALUES (1, 1), (2, 1), (1, 2), (3, 2);
CREATE TABLE ps_homeslider_slides (id_homeslider_slides int unsigned NOT NULL AUTO_INCREMENT, position int unsigned NOT NULL DEFAULT 0, active tinyint(1) unsigned NOT NULL DEFAULT 0, PRIMARY KEY (id_homeslider_slides));
INSERT INTO ps_homeslider_slides VALUES (1, 1, 1), (2, 2, 0), (3, 3, 1);
CREATE TABLE ps_homeslider_slides_lang (
  id_homeslider_slides int unsigned NOT NULL, id_lang int unsigned NOT NULL, title varchar(255) NOT NULL, description text NOT NULL, legend varchar(255) NOT NULL, url varchar(255) NOT NULL, image varchar(255) NOT NULL,
  PRIMARY KEY (id_homeslider_slides, id_lang));
INSERT INTO ps_homeslider_slides_lang VALUES
  (1, 1, 'Spring', '<p>New in</p>', '', '/spring', 'spring.jpg'), (1, 2, 'Printemps', '<p>Nouveau</p>', '', '/fr/printemps', 'spring.jpg'),
  (2, 1, 'Old', '<p>Old</p>', '', '/old', 'old.jpg'), (2, 2, 'Vieux', '<p>Vieux</p>', '', '/fr/vieux', 'old.jpg'),
  (3, 1, 'Outlet only', '<p>Outlet</p>', '', '/outlet', 'outlet.jpg');
CREATE TABLE ps_configuration (id_configuration int unsigned NOT NULL AUTO_INCREMENT, id_shop_group int unsigned DEFAULT NULL, id_shop int unsigned DEFAULT NULL, name varchar(254) NOT NULL, value text, date_add datetime NOT NULL, date_upd datetime NOT NULL, PRIMARY KEY (id_configuration));
INSERT INTO ps_configuration (id_shop_group, id_shop, name, value, date_add, date_upd) VALUES (NULL, NULL, 'PS_SHOP_NAME', 'Main', NOW(), NOW()), (1, 2, 'PS_SHOP_NAME', 'Outlet', NOW(), NOW()), (NULL, NULL, 'PS_MAIL_PASSWD', 'never-adopt-me', NOW(), NOW());
