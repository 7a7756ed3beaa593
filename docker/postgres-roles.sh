#!/bin/sh
# Runs once, when the database volume is empty: the owner migrates, the application may only what migrations grant it.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password XIANLI_DB_OWNER_PASSWORD
\getenv app_password XIANLI_DB_APP_PASSWORD
CREATE ROLE xianli_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE xianli_app LOGIN PASSWORD :'app_password';
CREATE DATABASE xianli OWNER xianli_owner;
SQL
