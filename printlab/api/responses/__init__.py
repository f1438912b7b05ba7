"""What the API gives, described field by field for its documentation."""
