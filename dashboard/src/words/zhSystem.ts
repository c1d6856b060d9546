import type { enSystem } from "./enSystem.js";

/** 简体中文 of what the system says about itself. */
export const zhSystem: Record<keyof typeof enSystem, string> = {
  "notice.unreachable": "服务器没有应答。请确认 Hashwatt 正在运行；本页会持续重试。",
  "notice.lost": "连接中断。下方数据为 {age}前；本页会持续重试。",
  "notice.silent": "已 {age}没有新读数，但服务器有应答。请检查采集端及其网络。",
  "notice.store": "存储未能写入读数：{note}。读数暂存于采集端，下方数据暂停更新。",
  "notice.broker": "收不到采集端的数据：{note}。采集端会保留读数，待消息代理恢复后补传。",
  "notice.agentOffline": "采集端 {agent} 离线。矿机照常运行；恢复后会补传已采集的数据。",
  "notice.behind": "采集端 {agent} 正在补传，落后 {behind}。实时数据不受影响，图表会逐步补全。",
  "agent.online": "在线",
  "agent.offline": "离线",
  "agent.unknown": "尚无消息",
  "error.unreachable": "服务器没有应答。请确认 Hashwatt 正在运行，然后重试。",
  "error.slow": "服务器应答过慢。请重试；若仍然缓慢，请运行服务器的 doctor 命令。",
  "error.missing": "服务器没有这项内容。",
  "error.refused": "服务器拒绝了该请求。",
  "error.broken": "服务器无法应答，原因见其日志。",
  "error.unreadable": "应答无法识别。请刷新页面：服务器与页面的版本可能不同。",
  "waiting.first": "正在等待首批数据…",
  "waiting.reading": "正在等待首个读数…",
  "first.title": "正在等待首个读数…",
  "first.noAgent": "尚无采集端上报。采集端负责读取其网络中的矿机，启动数秒后即会上报。",
  "first.noRig": "采集端已就绪，但尚未发现矿机。请检查地址范围：npm start -- --scan 192.168.1.0/24",
  "broken.title": "此页面出错",
  "broken.text":
    "这是 Hashwatt 的错误，与矿机无关；其他页面与服务器照常运行。请重新加载；若再次出现，请反馈下方内容。",
  "broken.reload": "重新加载",
  "missing.title": "没有此页面",
  "missing.text": "该地址无效，可能输入有误，或属于其他版本。",
  "missing.back": "返回总览",
};
