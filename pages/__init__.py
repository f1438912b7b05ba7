"""The screens: each module lays out one route from what the services return, and calls services."""
