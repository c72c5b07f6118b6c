const params = new URLSearchParams(location.search);

/** The room of the playground that this tab belongs to. */
export const room = params.get('room') ?? '1';

export const tabName = `Tab ${params.get('tab') ?? '1'}`;

/** Seconds without activity until the user is signed out. */
export const idleAfter = Number(params.get('idle')) || 15 * 60;

export const isFrame = parent !== window;
