"""Terbit: one canonical Markdown source, published as PDF, EPUB and HTML.

The package root is a shop window: nothing inside imports it.
"""
