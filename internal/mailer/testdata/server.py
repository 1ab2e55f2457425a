# A mail server on the loopback by aiosmtpd: takes letters as MODE says and prints each
# as one line of JSON. Its first line is the port.
import asyncio, json, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

cert, key, user, password, exclude = sys.argv[1:6]
asked = {}


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        asked[name] = asked.get(name, 0) + 1
        if name == "grey" and asked[name] == 1:
            return "451 4.7.1 Greylisted, try again later"
        if name == "nobody":
            return "550 5.1.1 No such user here"
        if name == "full":
            return "552 5.2.2 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("spam"):
            return "554 5.7.1 Message rejected as spam"
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "options": envelope.mail_options, "utf8": envelope.smtp_utf8,
            "secret": session.ssl is not None, "data": envelope.content.decode("utf-8", "surrogateescape"),
        }), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    ok = isinstance(data, LoginPassword) and data.login.decode() == user and data.password.decode() == password
    return AuthResult(success=ok, handled=ok)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(
        Handler(), enable_SMTPUTF8=True, tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate,
        auth_exclude_mechanism=[exclude] if exclude else [], loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
