import { writeFileSync } from 'node:fs';
import { packagePath } from '../generator/package.js';
import { readmeWithResults } from './readme.js';

writeFileSync(packagePath('README.md'), readmeWithResults());
