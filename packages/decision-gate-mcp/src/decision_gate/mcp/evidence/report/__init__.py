"""The ``report`` provider: one plain fact out of the reports that people's tools write."""
