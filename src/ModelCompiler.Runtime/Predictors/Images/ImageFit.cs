namespace ModelCompiler.Runtime;

/// <summary>What becomes of a picture that has another shape than the model's input.</summary>
public enum ImageFit
{
    /// <summary>It is stretched.</summary>
    Stretch,

    /// <summary>The largest part of the right shape is taken, from the middle.</summary>
    Crop,

    /// <summary>It gets black borders, on both sides alike.</summary>
    Pad,
}
