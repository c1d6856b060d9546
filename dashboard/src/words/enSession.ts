/** English of logging in and out. */
export const enSession = {
  "login.title": "Log in",
  "login.name": "Name",
  "login.password": "Password",
  "login.token": "API token",
  "login.show": "Show",
  "login.hide": "Hide",
  "login.go": "Log in",
  "login.going": "Checking…",
  "login.out": "Log out",
  "login.ended": "Your session has ended. Log in to go on where you were.",
  "login.left": "You are logged out.",
  "login.wrong.password": "That is not the password.",
  "login.wrong.names": "These are no name and password of a user.",
  "login.wrong.token": "The server knows no such token.",
  "login.wait": "Too many wrong tries. Try again in {wait}.",
  "login.where.password": "It is set where the server runs: http.password in its config or environment.",
  "login.where.names":
    "An admin of this server gives names and passwords. The password of its config goes with the name admin.",
  "login.where.token": "Tokens are set where the server runs: http.tokens in its config or environment.",
  "login.plain":
    "This connection is not encrypted: others on this network can read what you type. For more than a network you trust, put a proxy with TLS in front.",
  "error.login": "Your session has ended. Log in again.",
} as const;
