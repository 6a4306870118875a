"""Figures about webhooks (integration.md, 6): many events, dead and slow receivers, defects."""
