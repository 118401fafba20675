// A worker that only ticks. Timers of a page in the background are slowed down to one a minute; those of a worker are not,
// and a desk in the background must still ring, tell the service that it is there, and notice a lost connection.
setInterval(() => postMessage(0), 250);
