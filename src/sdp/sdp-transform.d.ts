/** The one function of `sdp-transform` that is used; what it returns is checked, not believed. */
declare module "sdp-transform" {
  const sdpTransform: { parse(text: string): Record<string, unknown> };
  export default sdpTransform;
}
