/** Why a lock refuses, by language and number: made by the server from `door/reasons.py`. */
declare const reasons: Record<'sv' | 'en', Record<number, string>>;
export default reasons;
