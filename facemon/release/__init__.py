"""Gate a release on evidence."""
