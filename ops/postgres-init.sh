#!/bin/bash
# Runs once, when the container of PostgreSQL makes its database. The service works as a user that is no superuser, with the
# two roles that docs/security.md describes.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --set password="$(cat "${DATABASE_PASSWORD_FILE:-/run/secrets/database_password}")" \
  --username postgres --no-psqlrc --quiet << 'SQL'
create role rosterport login password :'password';
create role rosterport_run nologin bypassrls;
create role rosterport_web nologin;
grant rosterport_run, rosterport_web to rosterport;
create database rosterport owner rosterport;
SQL
