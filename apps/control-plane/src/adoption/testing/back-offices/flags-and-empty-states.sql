-- The shape of sites of the TYPO3 and Contao kinds, and of one that was grown at home: flags that hide, a status that may be empty, times in seconds, lists inside values.
CREATE TABLE tt_content (
  uid int NOT NULL AUTO_INCREMENT, header varchar(255) NOT NULL DEFAULT '', bodytext mediumtext, CType varchar(60) NOT NULL DEFAULT '', image varchar(255) NOT NULL DEFAULT '', hidden smallint NOT NULL DEFAULT 0, deleted smallint NOT NULL DEFAULT 0,
  starttime int NOT NULL DEFAULT 0, endtime int NOT NULL DEFAULT 0, sys_language_uid int NOT NULL DEFAULT 0, sorting int NOT NULL DEFAULT 0, PRIMARY KEY (uid));
INSERT INTO tt_content VALUES
  (1, 'Shown', '<p>A</p>', 'text', 'a.jpg', 0, 0, 0, 0, 0, 1), (2, 'Hidden', '<p>B</p>', 'text', 'b.jpg', 1, 0, 0, 0, 0, 2), (3, 'Deleted', '<p>C</p>', 'text', 'c.jpg', 0, 1, 0, 0, 0, 3),
  (4, 'Versteckt nicht', '<p>D</p>', 'text', 'd.jpg', 0, 0, 0, 0, 1, 4), (5, 'Everywhere', '<p>E</p>', 'text', 'e.jpg', 0, 0, 1700000000, 0, -1, 5), (6, 'Over', '<p>F</p>', 'text', 'f.jpg', 0, 0, 0, 1700000000, 0, 6);
CREATE TABLE home_banners (
  id int NOT NULL AUTO_INCREMENT, caption varchar(100) NOT NULL, image varchar(255) NOT NULL, url varchar(255) NOT NULL, published char(1) NOT NULL DEFAULT '', members_only tinyint(1) NOT NULL DEFAULT 0, api_token varchar(64) DEFAULT NULL, type enum('hero','side') NOT NULL,
  registration_end date DEFAULT NULL, PRIMARY KEY (id));
INSERT INTO home_banners VALUES (1, 'On', 'img/on.png', '/on', '1', 0, 'never-adopt-me', 'hero', '2020-01-01'), (2, 'Never published', 'img/off.png', '/off', '', 0, NULL, 'side', NULL), (3, 'For members', 'img/m.png', '/m', '1', 1, NULL, 'side', NULL), (4, 'Aside', 'img/s.png', '/s', '1', 0, NULL, 'side', NULL);
CREATE TABLE sliders (id int NOT NULL AUTO_INCREMENT, name varchar(100) NOT NULL, active tinyint(1) NOT NULL, options text NOT NULL, PRIMARY KEY (id));
INSERT INTO sliders VALUES (1, 'Front', 1, '{"images":[{"image":"storage/1.webp","link":"/one","title":"One"},{"image":"storage/2.webp","link":"/two","title":"Two"}]}');
