-- The shape of frameworks of the Sylius and Spree kinds: translations with an id of their own, channels and places by tables in between.
CREATE TABLE app_channel (id int NOT NULL AUTO_INCREMENT, code varchar(64) NOT NULL, name varchar(255) NOT NULL, PRIMARY KEY (id));
INSERT INTO app_channel VALUES (1, 'WEB', 'Web'), (2, 'B2B', 'Business');
CREATE TABLE app_banner (id int NOT NULL AUTO_INCREMENT, code varchar(64) NOT NULL, enabled tinyint(1) NOT NULL, priority int NOT NULL, PRIMARY KEY (id));
INSERT INTO app_banner VALUES (1, 'spring', 1, 1), (2, 'off', 0, 2), (3, 'business', 1, 3), (4, 'untranslated', 1, 4);
CREATE TABLE app_banner_translation (id int NOT NULL AUTO_INCREMENT, translatable_id int NOT NULL, locale varchar(255) NOT NULL, name varchar(255) DEFAULT NULL, content longtext, image_path varchar(255) DEFAULT NULL, link varchar(255) DEFAULT NULL, PRIMARY KEY (id),
  UNIQUE KEY of_locale (translatable_id, locale), CONSTRAINT of_banner FOREIGN KEY (translatable_id) REFERENCES app_banner (id));
INSERT INTO app_banner_translation VALUES (1, 3, 'en_US', 'Business', '<p>B2B</p>', 'b.jpg', '/b2b'), (2, 1, 'en_US', 'Spring', '<p>Spring</p>', 's.jpg', '/spring'), (3, 1, 'pl_PL', 'Wiosna', '<p>Wiosna</p>', 's.jpg', '/pl/wiosna'), (4, 2, 'en_US', 'Off', '', 'o.jpg', '/off');
CREATE TABLE app_banner_channels (banner_id int NOT NULL, channel_id int NOT NULL, PRIMARY KEY (banner_id, channel_id), CONSTRAINT c_banner FOREIGN KEY (banner_id) REFERENCES app_banner (id), CONSTRAINT c_channel FOREIGN KEY (channel_id) REFERENCES app_channel (id));
INSERT INTO app_banner_channels VALUES (1, 1), (1, 2), (2, 1), (3, 2), (4, 1);
CREATE TABLE app_section (id int NOT NULL AUTO_INCREMENT, name varchar(255) NOT NULL, enabled tinyint(1) NOT NULL, PRIMARY KEY (id));
INSERT INTO app_section VALUES (1, 'Homepage top', 1), (2, 'Homepage bottom', 1), (3, 'Unused', 0);
CREATE TABLE app_banner_sections (banner_id int NOT NULL, section_id int NOT NULL, PRIMARY KEY (banner_id, section_id), CONSTRAINT s_banner FOREIGN KEY (banner_id) REFERENCES app_banner (id), CONSTRAINT s_section FOREIGN KEY (section_id) REFERENCES app_section (id));
INSERT INTO app_banner_sections VALUES (1, 1), (1, 2), (2, 1), (1, 3), (3, 1);
