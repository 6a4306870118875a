"""Races for one item: of any number of partners at the same moment, one holds it."""
