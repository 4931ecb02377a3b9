-- The shape of a content platform of the Directus kind, and of frameworks with translatable JSON: states in words, files by UUID, values inside values.
CREATE TABLE files (id char(36) NOT NULL, filename_disk varchar(255) DEFAULT NULL, title varchar(255) DEFAULT NULL, type varchar(255) DEFAULT NULL, PRIMARY KEY (id));
INSERT INTO files VALUES ('0b7c1f6e-0000-4000-8000-000000000001', '0b7c1f6e.jpg', 'Hero', 'image/jpeg'), ('0b7c1f6e-0000-4000-8000-000000000002', '0b7c1f6f.png', 'Side', 'image/png');
CREATE TABLE languages (code varchar(10) NOT NULL, name varchar(64) DEFAULT NULL, PRIMARY KEY (code));
INSERT INTO languages VALUES ('en-US', 'English'), ('de-DE', 'German');
CREATE TABLE promo (id int NOT NULL AUTO_INCREMENT, status varchar(20) NOT NULL DEFAULT 'draft', sort int DEFAULT NULL, image char(36) DEFAULT NULL, link varchar(255) DEFAULT NULL, zone varchar(40) NOT NULL, PRIMARY KEY (id));
INSERT INTO promo VALUES (1, 'published', 1, '0b7c1f6e-0000-4000-8000-000000000001', '/hero', 'hero'), (2, 'draft', 2, '0b7c1f6e-0000-4000-8000-000000000002', '/soon', 'hero'), (3, 'archived', 3, NULL, '/old', 'side'), (4, 'published', 4, '0b7c1f6e-0000-4000-8000-000000000002', '/side', 'side');
CREATE TABLE promo_translations (id int NOT NULL AUTO_INCREMENT, promo_id int DEFAULT NULL, languages_code varchar(10) DEFAULT NULL, title varchar(255) DEFAULT NULL, body text, PRIMARY KEY (id));
INSERT INTO promo_translations VALUES (1, 1, 'en-US', 'Hero', '<p>Big</p>'), (2, 1, 'de-DE', 'Held', '<p>Gross</p>'), (3, 2, 'en-US', 'Soon', ''), (4, 4, 'en-US', 'Aside', '<p>Aside</p>'), (5, 3, 'en-US', 'Old', '');
CREATE TABLE slides (id int NOT NULL AUTO_INCREMENT, title json NOT NULL, content json NOT NULL, is_active tinyint(1) NOT NULL, position int NOT NULL, starts_at datetime DEFAULT NULL, match_starts_at datetime DEFAULT NULL, PRIMARY KEY (id));
INSERT INTO slides VALUES
  (1, '{"en": "Welcome", "fr": "Bienvenue"}', '{"image": {"url": "https://cdn.example/w.jpg", "alt": "w"}, "button": {"link": "/welcome"}, "api_key": "never-adopt-me"}', 1, 1, NULL, '2030-01-01 20:00:00'),
  (2, '{"en": "Later", "fr": "Plus tard"}', '{"image": {"url": "https://cdn.example/l.jpg", "alt": "l"}, "button": {"link": "/later"}}', 0, 2, NULL, '2030-01-01 20:00:00'),
  (3, '{"fr": "Seulement"}', '{"image": {"url": "https://cdn.example/s.jpg", "alt": "s"}, "button": {"link": "/seul"}}', 1, 3, NULL, NULL);
