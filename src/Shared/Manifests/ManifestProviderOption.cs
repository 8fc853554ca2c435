namespace ModelCompiler.Manifests;

/// <summary>An option of an execution provider, as the provider spells it.</summary>
/// <param name="Provider">As in the item's metadata, such as <c>Cuda</c>.</param>
/// <param name="Name">Such as <c>device_id</c>.</param>
/// <param name="Value">Its value.</param>
internal sealed record ManifestProviderOption(string Provider, string Name, string Value);
