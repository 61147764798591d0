"""The CAPTCHA as a member meets it: a picture of letters and numbers, and a voice saying digits."""
