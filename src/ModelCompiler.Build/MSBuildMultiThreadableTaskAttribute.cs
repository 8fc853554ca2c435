namespace Microsoft.Build.Framework;

/// <summary>
/// Tells MSBuild that a task may run beside others in one process. MSBuild matches it by name, so that a task can
/// carry it and still run on versions that know nothing of it.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
