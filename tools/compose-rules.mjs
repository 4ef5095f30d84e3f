// What every container of docker-compose.yml must have, whatever runs in it.

/** A container that does its work and ends; others wait for that. */
const isOnce = ({ restart, profiles }) => restart?.startsWith('on-failure') || profiles !== undefined;

const namesIn = (list, first = /^([^:]+)/) => (list ?? []).map((entry) => first.exec(entry)?.[1]);

const needs = {
  'an image with a tag': ({ image }) => /:(?!latest$)[\w.-]+$/.test(image ?? ''),
  'limits for processor and memory': ({ deploy }) => Boolean(deploy?.resources?.limits?.cpus && deploy.resources.limits.memory),
  'a limit for processes': ({ pids_limit: limit }) => limit > 0,
  'no more rights than are named': ({ cap_drop: dropped, security_opt: options }) => dropped?.includes('ALL') && options?.includes('no-new-privileges:true'),
  'logs that end': ({ logging }) => Boolean(logging?.options?.['max-size']),
  'a health check': (container) => isOnce(container) || container.healthcheck?.test?.length > 1,
  'a network': ({ networks, network_mode: mode }) => Boolean(networks?.length) || mode?.startsWith('service:'),
};

/** @returns what is wrong, a sentence each */
export function composeRules(model) {
  const containers = Object.entries(model.services);
  return [
    ...containers.flatMap(([name, container]) => Object.entries(needs).flatMap(([what, holds]) => (holds(container) ? [] : [`${name} has not ${what}.`]))),
    ...containers.filter(([name, { ports }]) => name !== 'gateway' && ports !== undefined).map(([name]) => `${name} is published; only the gateway may be.`),
    ...(model.services.gateway?.ports ? [] : ['The gateway is not published.']),
    ...containers.flatMap(([name, container]) => waits(name, container, model.services)),
    ...used('volume', model.volumes, containers.flatMap(([, { volumes }]) => namesIn(volumes).filter((one) => /^[\w-]+$/.test(one)))),
    ...used('network', model.networks, containers.flatMap(([, { networks }]) => networks ?? [])),
    ...used('secret', model.secrets, containers.flatMap(([, { secrets }]) => secrets ?? [])),
    ...['services', 'engines'].filter((name) => model.networks[name]?.internal !== true).map((name) => `The network ${name} has a way out.`),
    ...containers.filter(([, { image }]) => image.startsWith('kendt-')).flatMap(([name, container]) => locked(name, container)),
  ];
}

/** Waits for others until they are healthy, or have ended. */
function waits(name, { depends_on: others = {} }, containers) {
  return Object.entries(others).flatMap(([other, { condition }]) => {
    if (!containers[other]) return [`${name} waits for ${other}, which is not there.`];
    const wanted = isOnce(containers[other]) ? 'service_completed_successfully' : 'service_healthy';
    return condition === wanted ? [] : [`${name} must wait for ${other} until ${wanted}.`];
  });
}

function used(what, declared, mentioned) {
  const names = Object.keys(declared ?? {});
  return [
    ...names.filter((name) => !mentioned.includes(name)).map((name) => `No container uses the ${what} ${name}.`),
    ...[...new Set(mentioned)].filter((name) => !names.includes(name)).map((name) => `The ${what} ${name} is not declared.`),
  ];
}

/** Kendt's own images need nothing of the machine. */
function locked(name, { user, read_only: readOnly }) {
  return [...(readOnly === true ? [] : [`${name} may write to its root file system.`]), ...(/^[1-9]\d*:[1-9]\d*$/.test(user ?? '') ? [] : [`${name} may run as root.`])];
}
