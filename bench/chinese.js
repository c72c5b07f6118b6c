/** The words of the tables, for docs/zh/performance.md. Words that are missing here stay English. */
const WORDS = {
  'Overhead: a request with a fresh token, over a transport that answers at once':
    '开销：token 新鲜时的一个请求，传输层立即响应',
  'Storm: N requests at once with one invalid token, over HTTP, with strict rotation':
    '风暴：N 个并发请求用同一个无效的 token，通过 HTTP，严格轮换',
  'Steady: one request after another over many token lifetimes, over HTTP':
    '平稳：一个接一个的请求，跨越很多个 token 有效期，通过 HTTP',
  'Size: bytes, minified, of typical imports, without axios': '体积：典型导入压缩后的字节数，不含 axios',
  'Tabs: three requests in each of N tabs of one Chromium, all with the same expired token':
    '标签页：同一个 Chromium 的 N 个标签页各发三个请求，都用同一个过期的 token',
  'Fleet: 8 processes with 200 requests each on one expired token, with strict rotation and one Redis':
    '多进程：8 个进程各发 200 个请求，用同一个过期的 token，严格轮换，一个 Redis',

  'bare axios': '裸 axios',
  'copied interceptor': '复制的拦截器',
  'no coordination': '没有协调',
  'SET NX, and wait': 'SET NX，然后等待',
  'unexpired, a session per request': 'unexpired，每个请求一个会话',
  'unexpired, a session per process': 'unexpired，每个进程一个会话',
  'unexpired: all of the core': 'unexpired：整个核心',
  'unexpired: createSession, SessionError': 'unexpired：createSession、SessionError',
  'unexpired: loginRedirect, readReturnTo': 'unexpired：loginRedirect、readReturnTo',
  expired: '过期',
  good: '有效',
  refused: '被拒绝',

  contender: '方案',
  requests: '请求数',
  refreshes: '刷新次数',
  failed: '失败',
  'ratio to bare': '与裸 axios 之比',
  'µs, 100 at once': 'µs，100 个并发',
  'ratio, 100 at once': '之比，100 个并发',
  bytes: '字节',
  'bytes, ratio': '字节之比',
  blocks: '块数',
  'refused calls': '被拒绝的调用',
  'HTTP calls': 'HTTP 调用',
  'never settled': '一直没有结果',
  'bytes waiting': '等待时的字节',
  'median, ms': '中位数，ms',
  '99 %, ms': '99 %，ms',
  'worst, ms': '最差，ms',
  'median to bare': '中位数之比',
  '99 % to bare': '99 % 之比',
  'worst to bare': '最差之比',
  import: '导入',
  minified: '压缩后',
  tabs: '标签页',
  'refresh calls': '刷新调用',
  'tabs without a session': '失去会话的标签页',
  'failed of': '失败 / 总数',
  'ms to the last answer': '到最后一个响应，ms',
  runs: '运行次数',
  'lost sessions': '丢失的会话',
  'Redis commands per request': '每个请求的 Redis 命令',
  'per request, fresh token': '每个请求，token 新鲜',
};

export function inChinese(value) {
  if (typeof value !== 'string') return value;
  return WORDS[value] ?? value.replace(/^(\d+) of (\d+)$/, '$1 / $2');
}
