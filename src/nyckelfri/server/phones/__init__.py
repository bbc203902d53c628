"""Service phones in use: enrolment, personal sign-in, block."""
