/** What a lock answers, and what to do, by number: made by the server from `door/reasons.py`. */
export declare const REASONS: Record<number, { sv: string; en: string }>;
