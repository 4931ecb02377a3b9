-- The shape of a site of the WordPress family: everything in one table, fields in another, options as PHP writes them.
CREATE TABLE wp_posts (
  ID bigint unsigned NOT NULL AUTO_INCREMENT, post_author bigint unsigned NOT NULL DEFAULT 0, post_date datetime NOT NULL, post_content longtext NOT NULL, post_title text NOT NULL, post_excerpt text NOT NULL,
  post_status varchar(20) NOT NULL DEFAULT 'publish', post_password varchar(255) NOT NULL DEFAULT '', post_name varchar(200) NOT NULL DEFAULT '', post_parent bigint unsigned NOT NULL DEFAULT 0,
  guid varchar(255) NOT NULL DEFAULT '', menu_order int NOT NULL DEFAULT 0, post_type varchar(20) NOT NULL DEFAULT 'post', post_mime_type varchar(100) NOT NULL DEFAULT '', PRIMARY KEY (ID));
INSERT INTO wp_posts (ID, post_date, post_content, post_title, post_excerpt, post_status, post_password, post_name, guid, menu_order, post_type, post_mime_type) VALUES
  (10, '2026-01-01', '<p>Read [gallery ids="1,2"] more</p>', 'Summer slide', '', 'publish', '', 'summer', 'https://example.com/?p=10', 1, 'slide', ''),
  (11, '2026-01-01', '<p>Later</p>', 'Draft slide', '', 'draft', '', 'draft', 'https://example.com/?p=11', 2, 'slide', ''),
  (12, '2026-01-01', '<p>For partners</p>', 'Protected slide', '', 'publish', 'let-me-in', 'protected', 'https://example.com/?p=12', 3, 'slide', ''),
  (13, '2026-01-01', '<p>Ours</p>', 'Private slide', '', 'private', '', 'private', 'https://example.com/?p=13', 4, 'slide', ''),
  (14, '2026-01-01', '<p>Gone</p>', 'Binned slide', '', 'trash', '', 'binned', 'https://example.com/?p=14', 5, 'slide', ''),
  (20, '2026-01-01', '<p>A post</p>', 'Hello', '', 'publish', '', 'hello', 'https://example.com/?p=20', 0, 'post', ''),
  (21, '2026-01-01', '', 'Home', '', 'publish', '', 'home', 'https://example.com/?p=21', 1, 'nav_menu_item', ''),
  (22, '2026-01-01', '{"version":2}', 'Custom Styles', '', 'publish', '', 'styles', 'https://example.com/?p=22', 0, 'wp_global_styles', ''),
  (23, '2026-01-01', '<p>Old</p>', 'Summer slide', '', 'inherit', '', '10-revision', 'https://example.com/?p=23', 0, 'revision', ''),
  (30, '2026-01-01', '', 'summer', '', 'inherit', '', 'summer-1', 'https://example.com/uploads/summer.jpg', 0, 'attachment', 'image/jpeg');
CREATE TABLE wp_postmeta (meta_id bigint unsigned NOT NULL AUTO_INCREMENT, post_id bigint unsigned NOT NULL DEFAULT 0, meta_key varchar(255) DEFAULT NULL, meta_value longtext, PRIMARY KEY (meta_id), KEY post_id (post_id), KEY meta_key (meta_key(191)));
INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (10, 'button_link', '/summer'), (10, '_button_link', 'field_1'), (10, 'image', '30'), (11, 'button_link', '/draft'), (20, '_edit_lock', '1:1');
CREATE TABLE wp_options (option_id bigint unsigned NOT NULL AUTO_INCREMENT, option_name varchar(191) NOT NULL DEFAULT '', option_value longtext NOT NULL, autoload varchar(20) NOT NULL DEFAULT 'yes', PRIMARY KEY (option_id), UNIQUE KEY option_name (option_name));
INSERT INTO wp_options (option_name, option_value) VALUES ('blogname', 'Marlow'), ('mail_settings', 'a:2:{s:4:"host";s:9:"localhost";s:8:"password";s:14:"never-adopt-me";}'), ('widget_text', 'a:1:{i:2;a:1:{s:5:"title";s:2:"Hi";}}'), ('home_notice', 'Use password: never-adopt-me');
