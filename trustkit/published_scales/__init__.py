"""Instruments: published scales of trust and privacy as data, each fact with its source.

Modules
-------
instrument
    One instrument: what was read about its items, answers, scoring, reliability and norms.
registry
    The instruments that come with trustkit, read from their files.
"""
