"""Example data, made anew from seeds and called synthetic everywhere.

Modules
-------

Examples
--------
    The example data that come with the package, and where they are.
synthetic
    Seeded synthetic data: the consumer trust survey and the app-tracking device table in ``data/raw``.
"""
