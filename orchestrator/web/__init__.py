"""The web: the staff console, the API of the billing system, and the providers' webhooks."""
