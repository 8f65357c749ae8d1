"""Example data, made anew from seeds and called synthetic everywhere.

Modules
-------
synthetic
    Seeded synthetic data: the consumer trust survey and the app-tracking device table in ``data/raw``.
"""
