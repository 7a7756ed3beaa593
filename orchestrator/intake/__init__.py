"""Workbooks, CSV and bank statements -> rows that can be trusted, and rejects that say what to cure."""
