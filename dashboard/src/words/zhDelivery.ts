/** 简体中文：渠道为何无法送达。Sentences of the server about what keeps channels from delivering, a part of `zhSentences`. */
export const zhDelivery: readonly (readonly [said: string, chinese: string])[] = [
  // Who was not asked for a name.
  ["somebody", "某人"],
  ["the receiver answered {status}", "接收方返回 {status}"],
  ["no answer within {s} s for a day", "一整天内每次 {s} 秒都没有应答"],
  ["no answer within {s} s", "{s} 秒内没有应答"],
  ["no answer", "没有应答"],
  ["connection failed ({code}) for a day", "一整天连接失败（{code}）"],
  ["connection failed ({code})", "连接失败（{code}）"],
  ["connection failed", "连接失败"],
  ["the broker cannot be reached", "无法连接 MQTT 代理"],
  ["the mail server refuses the login (it answered {status})", "邮件服务器拒绝登录（返回 {status}）"],
  ["the mail server refuses the message (it answered {status})", "邮件服务器拒绝该邮件（返回 {status}）"],
  ["the mail server could not take the message ({code})", "邮件服务器未能接收该邮件（{code}）"],
  ["no encryption with the mail server: {why}", "与邮件服务器的连接未加密：{why}"],
  ["no encryption with the receiver: {why}", "与接收方的连接未加密：{why}"],
  [
    "it offers none (tls: none goes without, tls: tls encrypts from the first byte)",
    "对方不提供加密（tls: none 表示不加密，tls: tls 表示从第一个字节起加密）",
  ],
  [
    "its certificate is of another name than the one it is called by here",
    "其证书的名称与此处使用的名称不符",
  ],
  [
    "its certificate is out of date, or not yet good: renew it, or set the clocks",
    "其证书已过期或尚未生效：请更新证书或校准时钟",
  ],
  [
    "its certificate is not of an authority that is known here: name its own in ca or caFile ({code})",
    "其证书的颁发机构在此处未知：请在 ca 或 caFile 中指定（{code}）",
  ],
  ["it does not speak TLS on this port", "该端口不使用 TLS"],
  [
    "its address is private or local, where only a channel of the config may lead (or alerts.privateTargets: true)",
    "其地址为私有或本地地址，只有配置文件中的渠道可以使用（或设置 alerts.privateTargets: true）",
  ],
  ["this channel is off, or not configured any more", "该渠道已停用，或不再配置"],
  ["too many messages wait for this channel", "等待该渠道的消息过多"],
];
