# What can be done here; each script in scripts/ says what it does and how long it takes.
.DEFAULT_GOAL := help
.PHONY: help run dev test check e2e clients services bench audit db-reset sqlx-prepare

CHECKS := setup format lint-server lint-browser rules queries

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up what is missing, build for release, seed demo data once, serve (PORT=3000)
	@scripts/run.sh

dev: ## serve a development build that reloads (PORT=3000)
	@scripts/dev.sh

test: ## everything: checks, services on real PostgreSQL, API clients, browser journeys
	@scripts/stages.sh $(CHECKS) services services-15 build restart clients browser

check: ## format, lints, rules, queries against .sqlx
	@scripts/stages.sh $(CHECKS)

services: ## only the service tests
	@scripts/stages.sh setup services

clients: ## only the API clients
	@scripts/stages.sh setup clients

e2e: ## only the browser journeys
	@scripts/stages.sh setup browser

bench: ## measure a release build with 150,000 customers
	@scripts/bench.sh

audit: ## licences, sources and known vulnerabilities of the dependencies
	@scripts/audit.sh

db-reset: ## drop the demo database; the next make run seeds it anew
	@scripts/postgres.sh reset

sqlx-prepare: ## write .sqlx after a query or a migration changed
	@scripts/sqlx-prepare.sh
