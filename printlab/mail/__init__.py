"""Mail: words and looks of each message, and the way to the mail server. Knows no job and no database."""
