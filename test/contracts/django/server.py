"""
Three backends in one Django project, on Debian's packages: the tutorial's own protocol, written with PyJWT;
djangorestframework-simplejwt with rotation and blacklist; and the same views below /cookies/, where a middleware keeps both
tokens in HttpOnly cookies and Django's own check wants the CSRF header. Prints its port once it listens. The environment says what differs:
TZ, ACCESS_SECONDS, REFRESH_SECONDS, CORS (default: django-cors-headers as it comes).
"""

import datetime
import json
import os
import signal
import sys
import tempfile

import django
import jwt
from corsheaders.defaults import default_headers
from django.conf import settings

ACCESS = datetime.timedelta(seconds=float(os.environ.get("ACCESS_SECONDS", "300")))
REFRESH = datetime.timedelta(seconds=float(os.environ.get("REFRESH_SECONDS", "86400")))
CORS = os.environ.get("CORS", "on")
KEY = "only for tests, and long enough for HMAC with SHA-256"
FOLDER = tempfile.TemporaryDirectory(prefix="unexpired-django-")

settings.configure(
    SECRET_KEY=KEY,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    TIME_ZONE=os.environ.get("TZ", "UTC"),
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(FOLDER.name, "db")}},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "rest_framework_simplejwt",
        "rest_framework_simplejwt.token_blacklist",
        "corsheaders",
    ],
    MIDDLEWARE=[
        "corsheaders.middleware.CorsMiddleware",
        "django.middleware.common.CommonMiddleware",
        f"{__name__}.TokensInCookies",
    ],
    CORS_ALLOW_ALL_ORIGINS=True,
    CORS_ALLOW_HEADERS=[*default_headers, *(["refreshauthorization"] if CORS == "on" else [])],
    REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    SIMPLE_JWT={
        "ACCESS_TOKEN_LIFETIME": ACCESS,
        "REFRESH_TOKEN_LIFETIME": REFRESH,
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    },
)
django.setup()

from django.contrib.auth import authenticate, get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.authentication import BaseAuthentication, CSRFCheck  # noqa: E402
from rest_framework.exceptions import AuthenticationFailed  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_simplejwt.authentication import JWTAuthentication  # noqa: E402
from rest_framework_simplejwt.views import TokenBlacklistView, TokenObtainPairView, TokenRefreshView  # noqa: E402


def read(token):
    """The claims of one of the tutorial's tokens, or the code and the words by which it is refused."""
    try:
        return jwt.decode(token or "", KEY, algorithms=["HS256"]), None
    except jwt.ExpiredSignatureError:
        return None, (1003, "token已失效(已过期)")
    except jwt.DecodeError:
        return None, (1004, "token认证失败")
    except jwt.InvalidTokenError:
        return None, (1005, "非法的token")


def mint(user_id):
    """Two tokens, and when the first expires, as a clock on the server's wall shows it: without an offset."""

    def sign(lifetime):
        expires = datetime.datetime.utcnow() + lifetime
        return jwt.encode({"user_id": user_id, "exp": expires}, KEY, algorithm="HS256")

    until = datetime.datetime.now() + ACCESS
    return {"token": sign(ACCESS), "refresh_token": sign(REFRESH), "token_time": until.isoformat()}


class TutorialAuthentication(BaseAuthentication):
    """Names no scheme for WWW-Authenticate, so that REST framework answers 403 in place of 401."""

    def authenticate(self, request):
        claims, refused = read(request.headers.get("Authorization"))
        if refused:
            code, words = refused
            raise AuthenticationFailed({"code": code, "msg": words})
        return get_user_model()(pk=claims["user_id"]), claims


class TutorialLogin(APIView):
    authentication_classes = ()

    def post(self, request):
        user = authenticate(username=request.data.get("username"), password=request.data.get("password"))
        if user is None:
            return Response({"code": 1000, "error": "用户名或密码错误"})
        return Response({"code": 1001, "data": mint(user.pk)})


class TutorialUpdate(APIView):
    authentication_classes = ()

    def post(self, request):
        claims, refused = read(request.headers.get("RefreshAuthorization"))
        if refused:
            return Response({"code": 1008, "error": refused[1]})
        return Response({"code": 1007, "data": mint(claims["user_id"])})


class TutorialOrder(APIView):
    authentication_classes = (TutorialAuthentication,)

    def get(self, request):
        return Response({"code": 1006, "data": "订单数据"})


class Orders(APIView):
    authentication_classes = (JWTAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request):
        return Response({"orders": [1, 2, 3], "user": request.user.get_username()})


class TokensInCookies:
    """Below /cookies/ the tokens travel in HttpOnly cookies: laid onto requests here, and taken out of answers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith("/cookies/"):
            return self.get_response(request)
        refresh = request.COOKIES.get("refresh")
        if refused := self.check_csrf(request):
            return JsonResponse({"detail": f"CSRF Failed: {refused}"}, status=403)
        if request.path.endswith(("/refresh/", "/logout/")):
            if not refresh:
                return JsonResponse({"detail": "No refresh token"}, status=401)
            request._read_started = True  # REST framework then reads what follows
            request._body = json.dumps({"refresh": refresh}).encode()
            request.META.update(CONTENT_TYPE="application/json", CONTENT_LENGTH=str(len(request._body)))
        elif "access" in request.COOKIES:
            request.META["HTTP_AUTHORIZATION"] = f"Bearer {request.COOKIES['access']}"
        return self.keep(request, self.get_response(request))

    def check_csrf(self, request):
        if request.path.endswith("/token/"):
            return None
        check = CSRFCheck(lambda _: None)
        check.process_request(request)
        refused = check.process_view(request, None, (), {})
        return refused and str(refused)

    def keep(self, request, response):
        data = getattr(response, "data", None) or {}
        if request.path.endswith("/logout/") and response.status_code == 200:
            response.delete_cookie("access")
            response.delete_cookie("refresh")
        if response.status_code != 200 or "access" not in data:
            return response
        told = JsonResponse({"expires_in": int(ACCESS.total_seconds())})
        for name in ("access", "refresh"):
            told.set_cookie(name, data[name], httponly=True, samesite="Lax")
        get_token(request)
        told.set_cookie("csrftoken", request.META["CSRF_COOKIE"], samesite="Lax")
        return told


class Me(APIView):
    authentication_classes = (JWTAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request):
        return Response({"id": request.user.pk, "username": request.user.get_username()})


class CookieOrders(Orders):
    def post(self, request):
        return Response({"ordered": request.data}, status=201)


urlpatterns = [
    path("cookies/token/", TokenObtainPairView.as_view()),
    path("cookies/refresh/", TokenRefreshView.as_view()),
    path("cookies/logout/", TokenBlacklistView.as_view()),
    path("cookies/me/", Me.as_view()),
    path("cookies/orders/", CookieOrders.as_view()),
    path("login/", TutorialLogin.as_view()),
    path("update_token/", TutorialUpdate.as_view()),
    path("order/", TutorialOrder.as_view()),
    path("api/token/", TokenObtainPairView.as_view()),
    path("api/token/refresh/", TokenRefreshView.as_view()),
    path("api/token/blacklist/", TokenBlacklistView.as_view()),
    path("api/orders/", Orders.as_view()),
]


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args):
        pass


class Server(ThreadedWSGIServer):
    # Fifty orders at once.
    request_queue_size = 128


def serve():
    # So that the folder of the database goes too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("kevin", password="open-sesame")
    server = Server(("127.0.0.1", 0), QuietHandler)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(serve())
