"""Django settings, all from the environment, with the prefix NYCKELFRI_ but for one.

House rules: the default of every setting is the safe one; importing this module
touches no file. docs name every variable read here:

    NYCKELFRI_DATA      data directory (database, secret key); ./nyckelfri-data
    DATABASE_URL        PostgreSQL instead of SQLite: postgresql://USER:PASSWORD@HOST:PORT/NAME
    NYCKELFRI_STANDBY   1: that PostgreSQL has a synchronous standby, and nothing counts without; 0
    NYCKELFRI_HOSTS     host names served, comma between; the loopback names
    NYCKELFRI_ORIGINS   origins trusted to post forms, e.g. https://hemtjanst.example
    NYCKELFRI_MUNICIPALITY  name of the municipality, as letters say it; none
    NYCKELFRI_TELEPHONE  whom a client calls: "0123-400 00, vardagar 8–17"; none
    NYCKELFRI_PHONE_HOOK  program (absolute path) that is told of blocked phones; none
    NYCKELFRI_COPIES    directory on another disk for copies of the log; none
    NYCKELFRI_BACKLOGS  how many syncs that carry much are taken in at once; half of the processors
    NYCKELFRI_PROXIES   how many proxies before the server say where a request comes from; 0
    NYCKELFRI_OIDC_*    single sign-on: see accounts.choices; none
    NYCKELFRI_HTTPS     0 lets cookies travel over plain HTTP (a demonstration only); 1
"""

from __future__ import annotations

import os
from typing import Any

from django.utils.functional import lazy

from nyckelfri.server import data_directory, database
from nyckelfri.server.accounts import choices


def _names(variable: str, default: str) -> list[str]:
    """Split the comma-separated names in `variable`."""
    return [name for part in os.environ.get(variable, default).split(",") if (name := part.strip())]


DATA = data_directory.from_environment()
PROXIES = int(os.environ.get("NYCKELFRI_PROXIES", "0"))
STANDBY: bool = os.environ.get("NYCKELFRI_STANDBY", "0") == "1"
BACKLOGS = max(1, int(os.environ.get("NYCKELFRI_BACKLOGS") or (os.cpu_count() or 2) // 2))
HTTPS: bool = os.environ.get("NYCKELFRI_HTTPS", "1") != "0"

MUNICIPALITY = os.environ.get("NYCKELFRI_MUNICIPALITY", "")
TELEPHONE = os.environ.get("NYCKELFRI_TELEPHONE", "")
PHONE_HOOK = os.environ.get("NYCKELFRI_PHONE_HOOK", "")
COPIES = data_directory.for_copies()

DEBUG = False
# Lazy, so that tools and tests that sign nothing leave no secret behind.
SECRET_KEY = lazy(data_directory.secret_key, str)(DATA)
ALLOWED_HOSTS = _names("NYCKELFRI_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _names("NYCKELFRI_ORIGINS", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "nyckelfri.server.audit",
    "nyckelfri.server.people",
    "nyckelfri.server.homes",
    "nyckelfri.server.locks",
    "nyckelfri.server.access",
    "nyckelfri.server.importer",
    "nyckelfri.server.phones",
    "nyckelfri.server.keys",
    "nyckelfri.server.visits",
    "nyckelfri.server.money",
    "nyckelfri.server.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "django_tasks",
    "django_tasks_db",
    "nyckelfri.server.jobs",
    "nyckelfri.server.console",
]
MIDDLEWARE = [
    "nyckelfri.server.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "nyckelfri.server.headers.ContentSecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "nyckelfri.server.audit.origins.OriginMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "nyckelfri.server.accounts.gate.Gate",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "nyckelfri.server.urls"
WSGI_APPLICATION = "nyckelfri.server.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": database.from_url(os.environ.get(database.VARIABLE, ""), DATA)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["nyckelfri.server.accounts.backends.Backend"]
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "start"
PASSWORD_HASHERS = ["nyckelfri.server.accounts.hashers.OneLane"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# Served by the process itself, found where they lie; an address changes with its file.
STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "nyckelfri.server.console.static_files.HashedStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 365 * 24 * 60 * 60
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Sign-in in the browser (allauth). Its own limits live in one process's memory:
# `accounts.limits` counts in the database instead.
ACCOUNT_ADAPTER = "nyckelfri.server.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_SESSION_REMEMBER = True  # until `accounts.sessions` ends it
ACCOUNT_LOGIN_TIMEOUT = 5 * 60
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_ADAPTER = "nyckelfri.server.accounts.adapters.StepAdapter"
MFA_FORMS = {
    "authenticate": "nyckelfri.server.accounts.forms.StepForm",
    "reauthenticate": "nyckelfri.server.accounts.forms.StepAgainForm",
    "login_webauthn": "nyckelfri.server.accounts.forms.PasskeyAloneForm",
    "authenticate_webauthn": "nyckelfri.server.accounts.forms.PasskeyForm",
    "reauthenticate_webauthn": "nyckelfri.server.accounts.forms.PasskeyAgainForm",
    "add_webauthn": "nyckelfri.server.accounts.forms.NewPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1  # half a minute early or late
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "nyckelfri.server.accounts.sso.SignOnAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
SINGLE_SIGN_ON = choices.single_sign_on()

# To standard error, where a service manager collects it; Django alone would be silent
# here. Paths, types and places only: no body, header, query or text of an exception.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "nyckelfri.server.log_lines.Formatter",
            "format": "%(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}

# What takes long is queued in the database and done by `nyckelfri server work`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", "Svenska"), ("en", "English")]
USE_I18N = True
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 10 * 60 * 60  # a working day; nobody is logged in overnight
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024  # a phone's sync is the largest request
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
