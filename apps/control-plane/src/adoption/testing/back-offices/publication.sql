-- The shape of a publication of the Ghost kind: posts and pages in one table, who may read them in words, settings with keys among them.
CREATE TABLE posts (
  id varchar(24) NOT NULL, uuid varchar(36) NOT NULL, title varchar(2000) NOT NULL, slug varchar(191) NOT NULL, html longtext, feature_image varchar(2000) DEFAULT NULL, featured tinyint(1) NOT NULL DEFAULT 0, type varchar(50) NOT NULL DEFAULT 'post', status varchar(50) NOT NULL DEFAULT 'draft',
  locale varchar(6) DEFAULT NULL, visibility varchar(50) NOT NULL DEFAULT 'public', published_at datetime DEFAULT NULL, canonical_url text, PRIMARY KEY (id));
INSERT INTO posts VALUES
  ('5f1', 'u1', 'Open post', 'open-post', '<p>For all</p>', 'https://cdn.example/open.jpg', 1, 'post', 'published', NULL, 'public', NOW(), NULL), ('5f2', 'u2', 'Paid post', 'paid-post', '<p>For payers</p>', NULL, 0, 'post', 'published', NULL, 'paid', NOW(), NULL),
  ('5f3', 'u3', 'Members post', 'members-post', '<p>For members</p>', NULL, 0, 'post', 'published', NULL, 'members', NOW(), NULL), ('5f4', 'u4', 'About', 'about', '<p>About us</p>', NULL, 0, 'page', 'published', NULL, 'public', NOW(), NULL),
  ('5f5', 'u5', 'Unfinished', 'unfinished', '<p>…</p>', NULL, 0, 'post', 'draft', NULL, 'public', NULL, NULL), ('5f6', 'u6', 'Tomorrow', 'tomorrow', '<p>…</p>', NULL, 0, 'post', 'scheduled', NULL, 'public', NULL, NULL),
  ('5f7', 'u7', 'For our staff', 'staff', '<p>The api key: never-adopt-me</p>', NULL, 0, 'post', 'published', NULL, 'public', NOW(), NULL);
CREATE TABLE settings (id varchar(24) NOT NULL, `group` varchar(50) NOT NULL DEFAULT 'core', `key` varchar(50) NOT NULL, value text, type varchar(50) NOT NULL, PRIMARY KEY (id), UNIQUE KEY of_key (`key`));
INSERT INTO settings VALUES ('1', 'site', 'title', 'Blog', 'string'), ('2', 'members', 'stripe_secret_key', 'never-adopt-me', 'string'), ('3', 'email', 'mailgun_base_url', 'https://api:never-adopt-me@mail.example', 'string');
