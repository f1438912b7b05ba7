"""The storage root: staging, archive, status folders. Knows paths and bytes, no database."""
