<?php

// Answers 200 if PHP runs and Roundcube's database can be read; an exception is a 500.
$database = new PDO('sqlite:/data/roundcube.db', null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$database->query('SELECT count(*) FROM users')->fetchColumn();
header('Content-Type: text/plain');
echo "ok\n";
