"""Example data, made anew from seeds and called synthetic everywhere.

Modules
-------
example_data
    The example data that come with the package: synthetic, each with its codebook and claims.
synthetic
    Seeded synthetic data: the consumer trust survey and the app-tracking device table in ``data/raw``.
"""
