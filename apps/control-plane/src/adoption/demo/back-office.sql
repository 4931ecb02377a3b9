-- The back office of a small, invented bookmaker, as such databases look after fifteen years: tables without
-- transactions, latin1, zero dates, HTML in a text column, a script that an advertising network once asked for, addresses
-- that were escaped on their way in, settings as names and values. Used by `npm run adopt:demo` and by tests.

SET NAMES utf8mb4;
SET SESSION sql_mode = '';

DROP TABLE IF EXISTS banners, page_boxes, site_config, news, news_content, admin_sessions;

CREATE TABLE banners (
  banner_id int(11) NOT NULL AUTO_INCREMENT,
  banner_title varchar(64) NOT NULL DEFAULT '',
  banner_url varchar(255) NOT NULL DEFAULT '',
  banner_image varchar(255) NOT NULL DEFAULT '',
  banner_area varchar(20) NOT NULL DEFAULT '',
  banner_html text,
  start_date datetime DEFAULT NULL,
  expire_date datetime NOT NULL DEFAULT '0001-01-01 00:00:00',
  status int(1) NOT NULL DEFAULT 1,
  sort_order int(11) NOT NULL DEFAULT 0,
  clicks int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (banner_id),
  KEY area (banner_area, status)
) ENGINE=MyISAM DEFAULT CHARSET=latin1;

INSERT INTO banners (banner_id, banner_title, banner_url, banner_image, banner_area, banner_html, start_date, expire_date, status, sort_order, clicks) VALUES
  (1, 'Welcome offer', '/offers/welcome?from=home&amp;banner=1', 'banners/welcome.jpg', 'Top', '<b>Bet 10, get 10.</b> New customers only.', NULL, '0001-01-01 00:00:00', 1, 10, 4711),
  (2, 'Café derby', '/football/derby', 'banners/derby photo.jpg', 'Top', '<p>Odds boosted until kick-off.</p><script src="//ads.example/track.js"></script>', '2026-01-10 09:00:00', '2036-01-31 15:00:00', 1, 20, 12),
  (3, 'Racing all day', 'https://racing.example/today', '', 'Side', '<ul><li>Best price</li><li>Faster results</li></ul>', NULL, '0001-01-01 00:00:00', 1, 10, 90),
  (4, 'Old promotion', '/offers/old', 'banners/old.gif', 'Side', '', '2012-06-01 00:00:00', '2012-07-01 00:00:00', 0, 99, 3),
  (5, 'Download the app', '/app', 'banners/app.png', 'Side', NULL, NULL, '0001-01-01 00:00:00', 1, 30, 0);

CREATE TABLE page_boxes (
  page varchar(32) NOT NULL,
  box_name varchar(64) NOT NULL,
  box_location tinyint(1) NOT NULL DEFAULT 0,
  box_sort int(11) NOT NULL DEFAULT 0,
  box_status tinyint(1) NOT NULL DEFAULT 1,
  UNIQUE KEY page_box (page, box_name)
) ENGINE=MyISAM DEFAULT CHARSET=latin1;

INSERT INTO page_boxes VALUES
  ('football', 'next_matches', 1, 10, 1),
  ('football', 'bet_slip', 2, 10, 1),
  ('football', 'newsletter', 2, 90, 0),
  ('racing', 'next_races', 1, 10, 1),
  ('racing', 'bet_slip', 2, 10, 1);

CREATE TABLE site_config (
  config_id int(11) NOT NULL AUTO_INCREMENT,
  config_key varchar(80) NOT NULL,
  config_value text NOT NULL,
  config_description varchar(255) NOT NULL DEFAULT '',
  config_group varchar(20) NOT NULL DEFAULT '',
  PRIMARY KEY (config_id),
  UNIQUE KEY config_key (config_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO site_config (config_key, config_value, config_description, config_group) VALUES
  ('SITE_NAME', 'Marlow Sports', 'Shown in the title', 'shop'),
  ('SUPPORT_PHONE', '+44 20 7946 0000', 'Shown in the footer', 'shop'),
  ('MAX_SELECTIONS', '20', 'On one bet slip', 'betting'),
  ('SMTP_PASSWORD', 'never-adopt-me', 'Of the mail server', 'shop');

CREATE TABLE news (
  news_id int(11) NOT NULL AUTO_INCREMENT,
  news_image varchar(255) NOT NULL DEFAULT '',
  published_from datetime DEFAULT NULL,
  visible tinyint(1) NOT NULL DEFAULT 1,
  PRIMARY KEY (news_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE news_content (
  news_id int(11) NOT NULL,
  language_id int(11) NOT NULL,
  news_title varchar(120) NOT NULL DEFAULT '',
  news_text mediumtext,
  UNIQUE KEY news_language (news_id, language_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO news VALUES (1, 'news/stadium.jpg', '2026-02-01 08:00:00', 1), (2, '', NULL, 1);
INSERT INTO news_content VALUES
  (1, 1, 'New stadium opens', '<p>Tickets &amp; travel: <a href="/news/stadium">read on</a>.</p>'),
  (1, 2, 'Neues Stadion eröffnet', '<p>Karten und Anreise.</p>'),
  (2, 1, 'Terms changed', '<p>See <a href="javascript:alert(1)">here</a>.</p>');

CREATE TABLE admin_sessions (
  session_id char(32) NOT NULL,
  session_data text,
  PRIMARY KEY (session_id)
) ENGINE=MyISAM DEFAULT CHARSET=latin1;
