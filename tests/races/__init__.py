"""Races for one item: however many partners come at the same moment, one holds it."""
