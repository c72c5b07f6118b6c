import { connect } from '../backend/connect';
import { takeRoom } from '../backend/room';

export const room = await takeRoom();

export const client = connect(room);
