import type { enSession } from "./enSession.js";

/** 简体中文 of logging in and out. */
export const zhSession: Record<keyof typeof enSession, string> = {
  "login.title": "登录",
  "login.name": "用户名",
  "login.password": "密码",
  "login.token": "API 令牌",
  "login.show": "显示",
  "login.hide": "隐藏",
  "login.go": "登录",
  "login.going": "正在验证…",
  "login.out": "退出登录",
  "login.ended": "会话已结束。重新登录后将回到原来的位置。",
  "login.left": "您已退出登录。",
  "login.wrong.password": "密码不正确。",
  "login.wrong.names": "用户名或密码不正确。",
  "login.wrong.token": "服务器没有这个令牌。",
  "login.wait": "错误次数过多，请在 {wait}后重试。",
  "login.where.password": "密码在服务器一侧设置：配置或环境变量中的 http.password。",
  "login.where.names": "用户名和密码由该服务器的管理员提供。配置中的密码对应用户名 admin。",
  "login.where.token": "令牌在服务器一侧设置：配置或环境变量中的 http.tokens。",
  "login.plain":
    "此连接未加密：同一网络中的其他人可以读到您输入的内容。若网络不可信，请在前面部署带 TLS 的反向代理。",
  "error.login": "会话已结束，请重新登录。",
};
